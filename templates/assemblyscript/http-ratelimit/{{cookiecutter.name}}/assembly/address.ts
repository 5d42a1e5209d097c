/**
 * The address without its port: `10.0.0.1:4711`, `[2001:db8::1]:4711`. What is written in neither
 * way, such as the path of a socket, stays as it is.
 */
export function withoutPort(address: string): string {
  if (address.startsWith("[")) {
    const end = address.indexOf("]");
    return end < 0 ? address : address.substring(1, end);
  }
  const colon = address.indexOf(":");
  return colon >= 0 && colon == address.lastIndexOf(":") ? address.substring(0, colon) : address;
}
