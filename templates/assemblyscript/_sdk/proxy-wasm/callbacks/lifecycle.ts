// SPDX-License-Identifier: Apache-2.0

/** The callbacks that every plugin exports. */

// Nothing calls it by name: the compiler does, as asconfig.json tells it.
import "../abort";
import { BufferType, readBuffer } from "../buffer";
import {
  createPlugin,
  createStream,
  deleteContext,
  findContext,
  findPlugin,
} from "../registry";

export { malloc } from "../memory";

/** Tells the host which version of the interface the module speaks. */
export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_context_create(id: u32, parentId: u32): void {
  if (parentId == 0) createPlugin(id);
  else createStream(id, parentId);
}

export function proxy_on_vm_start(id: u32, size: u32): bool {
  const plugin = findPlugin(id);
  if (plugin == null) return false;
  return plugin.onVmStart(readBuffer(BufferType.VmConfiguration, 0, size));
}

export function proxy_on_configure(id: u32, size: u32): bool {
  const plugin = findPlugin(id);
  if (plugin == null) return false;
  return plugin.onConfigure(readBuffer(BufferType.PluginConfiguration, 0, size));
}

export function proxy_on_log(id: u32): void {
  const context = findContext(id);
  if (context) context.onLog();
}

export function proxy_on_done(id: u32): bool {
  const context = findContext(id);
  return context == null || context.onDone();
}

export function proxy_on_delete(id: u32): void {
  const context = findContext(id);
  if (context) context.onDelete();
  deleteContext(id);
}
