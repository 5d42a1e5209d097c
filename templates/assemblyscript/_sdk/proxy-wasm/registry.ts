// SPDX-License-Identifier: Apache-2.0

/** Which plugins the module holds, by root id, and which contexts live in this VM, by number. */

import { Context, HttpContext, PluginContext } from "./contexts";
import { log } from "./log";
import { properties } from "./properties";

const factories = new Map<string, (id: u32) => PluginContext>();
const plugins = new Map<u32, PluginContext>();
const streams = new Map<u32, HttpContext>();

/**
 * Makes a plugin known under its root id; to be called at the top level of the module. A module
 * may hold several plugins.
 */
export function registerPlugin(rootId: string, create: (id: u32) => PluginContext): void {
  assert(!factories.has(rootId), `root id "${rootId}" is registered twice`);
  factories.set(rootId, create);
}

/** Creates the plugin context that the current root id asks for, or logs that there is none. */
export function createPlugin(id: u32): void {
  const rootId = properties.getText(["plugin_root_id"]);
  const known = registeredName(rootId ? rootId : "");
  if (known != null) plugins.set(id, factories.get(known)(id));
}

/** Creates the context of a stream, if its plugin is there. */
export function createStream(id: u32, pluginId: u32): void {
  const plugin = findPlugin(pluginId);
  if (plugin) streams.set(id, plugin.createHttpContext(id));
}

/** The plugin context of that number, or null if its root id was unknown. */
export function findPlugin(id: u32): PluginContext | null {
  return plugins.has(id) ? plugins.get(id) : null;
}

/**
 * The context of a stream, or null: Envoy calls once more for a stream that was reset while its
 * context was made. Callbacks answer with a pause then, since nothing may pass unseen.
 */
export function findStream(id: u32): HttpContext | null {
  if (streams.has(id)) return streams.get(id);
  log.warn(`there is no HTTP context ${id}, or no longer`);
  return null;
}

/** The context of that number, of either kind, or null. */
export function findContext(id: u32): Context | null {
  if (streams.has(id)) return streams.get(id);
  return findPlugin(id);
}

export function deleteContext(id: u32): void {
  if (!streams.delete(id)) plugins.delete(id);
}

// Some gateways let their users leave the root id out. That is no riddle in a module with one
// plugin; anything else that is not registered is a mistake and must not pass unseen.
function registeredName(rootId: string): string | null {
  if (factories.has(rootId)) return rootId;
  const names = factories.keys();
  if (rootId.length == 0 && names.length == 1) return names[0];
  log.error(`unknown root id "${rootId}", this module has "${names.join('", "')}"`);
  return null;
}
