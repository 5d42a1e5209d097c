// Command {{ cookiecutter.name }} is a Proxy-Wasm plugin: a host loads the module and calls it.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// The host runs init, when it loads the module, and then main; the plugin lives on after both.
func init() {
	proxywasm.SetVMContext(&vmContext{})
}

func main() {}

// vmContext makes a plugin context of each configuration that the VM is given.
type vmContext struct {
	types.DefaultVMContext
}

func (*vmContext) NewPluginContext(uint32) types.PluginContext {
	return &pluginContext{}
}
