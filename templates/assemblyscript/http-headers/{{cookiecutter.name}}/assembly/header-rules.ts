import { HeaderMap } from "./proxy-wasm";

export class Header {
  constructor(
    readonly name: string,
    readonly value: string,
  ) {}
}

/** What is to happen to one header map. */
export class HeaderRules {
  readonly remove: string[] = [];
  readonly replace: Header[] = [];
  readonly add: Header[] = [];
}

/** Removes, then sets, then adds. */
export function applyRules(rules: HeaderRules, headers: HeaderMap): void {
  for (let index = 0; index < rules.remove.length; index++) {
    headers.remove(rules.remove[index]);
  }
  for (let index = 0; index < rules.replace.length; index++) {
    headers.replace(rules.replace[index].name, rules.replace[index].value);
  }
  for (let index = 0; index < rules.add.length; index++) {
    headers.add(rules.add[index].name, rules.add[index].value);
  }
}
