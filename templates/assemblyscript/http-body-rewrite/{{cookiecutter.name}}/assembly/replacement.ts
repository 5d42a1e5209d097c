/** Bytes that are looked for, and what is put in their place. */
export class Replacement {
  constructor(
    readonly find: ArrayBuffer,
    readonly replace: ArrayBuffer,
  ) {}

  /** `body` with each occurrence replaced, from the front on; `body` itself if there is none. */
  applyTo(body: ArrayBuffer): ArrayBuffer {
    const places = this.placesIn(body);
    if (places.length == 0) return body;
    const growth = (this.replace.byteLength - this.find.byteLength) * places.length;
    const result = new ArrayBuffer(body.byteLength + growth);
    let from = 0;
    let to = changetype<usize>(result);
    for (let index = 0; index < places.length; index++) {
      to = copy(to, body, from, places[index]);
      to = copy(to, this.replace, 0, this.replace.byteLength);
      from = places[index] + this.find.byteLength;
    }
    copy(to, body, from, body.byteLength);
    return result;
  }

  private placesIn(body: ArrayBuffer): i32[] {
    const places = new Array<i32>();
    const size = this.find.byteLength;
    const wanted = changetype<usize>(this.find);
    const last = body.byteLength - size;
    for (let place = 0; place <= last;) {
      const isThere = memory.compare(changetype<usize>(body) + place, wanted, size) == 0;
      if (isThere) places.push(place);
      place += isThere ? size : 1;
    }
    return places;
  }
}

/** What all replacements make of `body`, in their order. */
export function replaceAll(body: ArrayBuffer, replacements: Replacement[]): ArrayBuffer {
  for (let index = 0; index < replacements.length; index++) {
    body = replacements[index].applyTo(body);
  }
  return body;
}

function copy(to: usize, bytes: ArrayBuffer, from: i32, end: i32): usize {
  memory.copy(to, changetype<usize>(bytes) + from, end - from);
  return to + (end - from);
}
