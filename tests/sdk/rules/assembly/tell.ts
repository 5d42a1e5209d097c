import { Pair, log } from "./proxy-wasm";

/** Logs what calls of the SDK answered, so that it can be compared. */
export namespace tell {
  export function flag(value: bool): void {
    log.info(value ? "true" : "false");
  }

  export function integer(value: i64): void {
    log.info(value.toString());
  }

  export function text(value: string | null): void {
    log.info(value == null ? "null" : `"${value}"`);
  }

  /** Bytes that are no ASCII are told in hexadecimal. */
  export function bytes(value: ArrayBuffer | null): void {
    if (value == null) return log.info("null");
    const view = Uint8Array.wrap(value);
    let written = "";
    for (let index = 0; index < view.length; index++) {
      if (view[index] >= 0x80) return log.info(hexadecimal(view));
      written += String.fromCharCode(view[index]);
    }
    log.info(`"${written}"`);
  }

  export function pairs(value: Pair[]): void {
    log.info(`${value.length} pairs`);
    for (let index = 0; index < value.length; index++) {
      bytes(value[index].nameBytes);
      bytes(value[index].valueBytes);
    }
  }

  function hexadecimal(view: Uint8Array): string {
    let written = "";
    for (let index = 0; index < view.length; index++) {
      written += view[index].toString(16).padStart(2, "0");
    }
    return written;
  }
}

/** The bytes that `text` writes in hexadecimal. */
export function unhexed(text: string): ArrayBuffer {
  const view = new Uint8Array(text.length / 2);
  for (let index = 0; index < view.length; index++) {
    view[index] = <u8>U32.parseInt(text.substr(2 * index, 2), 16);
  }
  return view.buffer;
}

/** The pairs, and another one many times. */
export function repeated(pairs: Pair[], count: i32, name: string, value: string): Pair[] {
  for (let index = 0; index < count; index++) pairs.push(Pair.of(name, value));
  return pairs;
}
