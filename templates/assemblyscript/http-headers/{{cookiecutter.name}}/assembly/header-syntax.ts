// What may stand in a header (RFC 9110, sections 5.1 and 5.5). The proxy would take anything: a
// bad name fails each request later, and a line break in a response header splits the response.

const PUNCTUATION = "!#$%&'*+-.^_`|~";
const TAB = 0x09;
const SPACE = 0x20;
const DELETE = 0x7f;

/** Whether `name` is a token; names such as `:path`, which are no headers, are not. */
export function isHeaderName(name: string): bool {
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index);
    const lower = unit | 0x20;
    const isLetter = lower >= 0x61 && lower <= 0x7a;
    const isDigit = unit >= 0x30 && unit <= 0x39;
    if (!isLetter && !isDigit && !PUNCTUATION.includes(name.charAt(index))) return false;
  }
  return name.length > 0;
}

/** Whether `value` has no control characters. */
export function isHeaderValue(value: string): bool {
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    if ((unit < SPACE && unit != TAB) || unit == DELETE) return false;
  }
  return true;
}
