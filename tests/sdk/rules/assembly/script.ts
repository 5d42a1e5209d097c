import { Turn } from "./turn";

/** What a plugin does in a callback of one name. */
export type Step = (it: Turn) => void;

class Numbered {
  constructor(
    readonly callback: string,
    /** In which run of the callback, counted from 1; 0: in each. */
    readonly run: i32,
    readonly step: Step,
  ) {}
}

/** What a plugin does in its callbacks, and what they return; its contexts in a VM share it. */
export class Script {
  private readonly steps: Numbered[] = [];
  private readonly results: Map<string, i32[]> = new Map();
  private readonly runs: Map<string, i32> = new Map();

  on(callback: string, run: i32, step: Step): this {
    this.steps.push(new Numbered(callback, run, step));
    return this;
  }

  /** What the callback returns at its first, second … run, and then for good. */
  returns(callback: string, results: i32[]): this {
    this.results.set(callback, results);
    return this;
  }

  /** Does what is to be done in this run of a callback, and gives what it returns. */
  play(callback: string, it: Turn, otherwise: i32): i32 {
    const run = (this.runs.has(callback) ? this.runs.get(callback) : 0) + 1;
    this.runs.set(callback, run);
    for (let index = 0; index < this.steps.length; index++) {
      const each = this.steps[index];
      if (each.callback == callback && (each.run == 0 || each.run == run)) each.step(it);
    }
    if (!this.results.has(callback)) return otherwise;
    const results = this.results.get(callback);
    return results[min(run, results.length) - 1];
  }
}

const scripts = new Map<string, Script>();

/** The script of that name, made once in a VM. */
export function shared(name: string, make: () => Script): Script {
  if (!scripts.has(name)) scripts.set(name, make());
  return scripts.get(name);
}
