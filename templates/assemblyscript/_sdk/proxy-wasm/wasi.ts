// SPDX-License-Identifier: Apache-2.0

/** What hosts offer of WASI that ABI 0.2.1 has no function of its own for; 0 is success. */

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_sizes_get")
export declare function environ_sizes_get(returnedCount: usize, returnedSize: usize): u32;

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_get")
export declare function environ_get(addresses: usize, texts: usize): u32;

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "random_get")
export declare function random_get(address: usize, size: usize): u32;
