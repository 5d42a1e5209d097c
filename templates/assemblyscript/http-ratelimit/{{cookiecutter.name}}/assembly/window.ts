/** The requests of one address since its window began; times are nanoseconds. */
export class Window {
  constructor(
    readonly start: u64,
    readonly requests: u64,
  ) {}

  /** The window that `text` describes, or null if it is none of ours. */
  static parse(text: string): Window | null {
    const words = text.split(" ");
    if (words.length != 2) return null;
    return new Window(U64.parseInt(words[0]), U64.parseInt(words[1]));
  }

  toString(): string {
    return `${this.start} ${this.requests}`;
  }

  /** This window with one request more. */
  counted(): Window {
    return new Window(this.start, this.requests + 1);
  }

  /** Whole seconds until the window ends, at least one. */
  secondsLeft(now: u64, length: u64): u64 {
    return (this.start + length - now - 1) / 1_000_000_000 + 1;
  }
}

/** The window that a request at `now` falls into, which may be a new one. */
export function windowAt(now: u64, length: u64, last: Window | null): Window {
  if (last == null || now < last.start || now - last.start >= length) return new Window(now, 0);
  return last;
}
