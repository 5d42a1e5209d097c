import { Client } from "./settings";

/** Whose key it is, or null; every key is compared, so that the time taken tells nothing. */
export function ownerOf(key: ArrayBuffer, clients: Client[]): string | null {
  let owner: string | null = null;
  for (let index = 0; index < clients.length; index++) {
    if (areEqual(key, clients[index].key)) owner = clients[index].name;
  }
  return owner;
}

/** Whether all bytes are equal; takes as long whichever differ. */
function areEqual(left: ArrayBuffer, right: ArrayBuffer): bool {
  if (left.byteLength != right.byteLength) return false;
  let difference: u8 = 0;
  for (let index = 0; index < left.byteLength; index++) {
    const a = load<u8>(changetype<usize>(left) + index);
    difference |= a ^ load<u8>(changetype<usize>(right) + index);
  }
  return difference == 0;
}
