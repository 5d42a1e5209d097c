// SPDX-License-Identifier: Apache-2.0

import {
  proxy_dequeue_shared_queue,
  proxy_enqueue_shared_queue,
  proxy_register_shared_queue,
  proxy_resolve_shared_queue,
} from "./env";
import { RETURNED_ADDRESS, RETURNED_NUMBER, RETURNED_SIZE, addressOf, takeBytes } from "./memory";
import { Status, accepted } from "./status";
import { utf8 } from "./utf8";

/**
 * A queue of messages between VMs. The plugin context that registers a name gets `onQueueReady`
 * for each message; in another VM it is found by its name and the `vm_id` of who registered it.
 */
export class Queue {
  private constructor(readonly id: u32) {}

  /** The queue of that name, made if it is new, or null if the host refused. */
  static register(name: string): Queue | null {
    const bytes = utf8.encode(name);
    const status = proxy_register_shared_queue(
      addressOf(bytes), bytes.byteLength, RETURNED_NUMBER,
    );
    return accepted(status, "proxy_register_shared_queue") ? returned() : null;
  }

  /** The queue that a VM has registered under that name, or null if there is none. */
  static resolve(vmId: string, name: string): Queue | null {
    const vm = utf8.encode(vmId);
    const bytes = utf8.encode(name);
    const status = proxy_resolve_shared_queue(
      addressOf(vm), vm.byteLength, addressOf(bytes), bytes.byteLength, RETURNED_NUMBER,
    );
    if (status == Status.NotFound) return null;
    return accepted(status, "proxy_resolve_shared_queue") ? returned() : null;
  }

  /** The queue of a number, such as `onQueueReady` is given. */
  static of(id: u32): Queue {
    return new Queue(id);
  }

  /** Adds a message; false if the host refused. */
  enqueue(message: ArrayBuffer): bool {
    const status = proxy_enqueue_shared_queue(this.id, addressOf(message), message.byteLength);
    return accepted(status, "proxy_enqueue_shared_queue");
  }

  /** Takes the oldest message, or null if none is left: another worker may have been quicker. */
  dequeue(): ArrayBuffer | null {
    const status = proxy_dequeue_shared_queue(this.id, RETURNED_ADDRESS, RETURNED_SIZE);
    if (status == Status.Empty) return null;
    return accepted(status, "proxy_dequeue_shared_queue") ? takeBytes() : null;
  }
}

function returned(): Queue {
  return Queue.of(load<u32>(RETURNED_NUMBER));
}
