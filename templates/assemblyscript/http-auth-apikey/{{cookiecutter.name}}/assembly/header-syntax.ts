// What may stand in a header (RFC 9110, sections 5.1, 5.5 and 5.6.4).

const PUNCTUATION = "!#$%&'*+-.^_`|~";

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

/** Whether `text` is not empty, and of visible ASCII characters. */
export function isVisible(text: string): bool {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit <= 0x20 || unit >= 0x7f) return false;
  }
  return text.length > 0;
}

/** Whether `text` can stand between quotes with nothing escaped. */
export function isQuotable(text: string): bool {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit >= 0x7f || unit == 0x22 || unit == 0x5c) return false;
  }
  return true;
}
