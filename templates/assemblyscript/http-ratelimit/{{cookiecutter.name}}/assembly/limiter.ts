import { log, sharedData, time, utf8 } from "./proxy-wasm";
import { Settings } from "./settings";
import { Window, windowAt } from "./window";

const TRIES = 16;

/** Counts a request of `address`. Returns 0 if it may pass, else the seconds until one may. */
export function secondsToWait(address: string, settings: Settings): u64 {
  const key = `{{ cookiecutter._root_id }}/${address}`;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const now = time.now();
    const found = sharedData.get(key);
    const last = Window.parse(found == null ? "" : found.text);
    const window = windowAt(now, settings.window, last);
    if (window.requests >= settings.requests) return window.secondsLeft(now, settings.window);
    const value = utf8.encode(window.counted().toString());
    const cas = found == null ? 0 : found.cas;
    if (sharedData.compareAndSet(key, value, cas)) return 0;
  }
  log.warn(`a request of ${address} passes uncounted: other workers were quicker ${TRIES} times`);
  return 0;
}
