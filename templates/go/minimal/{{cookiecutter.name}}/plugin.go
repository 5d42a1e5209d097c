package main

import (
	"example.com/{{ cookiecutter.name }}/internal/greeting"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const greetingHeader = "x-greeting"

// pluginContext is the plugin: its configuration is the text of a header.
type pluginContext struct {
	types.DefaultPluginContext
	greeting string
}

func (plugin *pluginContext) OnPluginStart(size int) types.OnPluginStartStatus {
	if size == 0 {
		return types.OnPluginStartStatusOK // to the SDK, a configuration that is empty is an error
	}
	configuration, err := proxywasm.GetPluginConfiguration()
	if err != nil {
		proxywasm.LogErrorf("configuration not read: %v", err)
		return types.OnPluginStartStatusFailed
	}
	plugin.greeting, err = greeting.Parse(configuration)
	if err != nil {
		proxywasm.LogErrorf("configuration refused: %v", err)
		return types.OnPluginStartStatusFailed
	}
	return types.OnPluginStartStatusOK
}

func (plugin *pluginContext) NewHttpContext(uint32) types.HttpContext {
	return &httpContext{greeting: plugin.greeting}
}

// httpContext is one request and its response.
type httpContext struct {
	types.DefaultHttpContext
	greeting string
}

func (stream *httpContext) OnHttpResponseHeaders(int, bool) types.Action {
	if stream.greeting == "" {
		return types.ActionContinue
	}
	if err := proxywasm.ReplaceHttpResponseHeader(greetingHeader, stream.greeting); err != nil {
		proxywasm.LogWarnf("%s was refused by the host: %v", greetingHeader, err)
	}
	return types.ActionContinue
}
