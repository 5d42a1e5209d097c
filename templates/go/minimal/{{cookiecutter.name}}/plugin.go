package main

import (
	"strings"
	"unicode"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// pluginContext is the plugin: its configuration is the text of a header.
type pluginContext struct {
	types.DefaultPluginContext
	greeting string
}

func (plugin *pluginContext) OnPluginStart(size int) types.OnPluginStartStatus {
	if size == 0 {
		return types.OnPluginStartStatusOK
	}
	configuration, err := proxywasm.GetPluginConfiguration()
	if err != nil {
		proxywasm.LogErrorf("configuration not read: %v", err)
		return types.OnPluginStartStatusFailed
	}
	greeting := strings.TrimSpace(string(configuration))
	// A line break in a response header splits the response, and the proxy would let it pass.
	if strings.ContainsFunc(greeting, unicode.IsControl) {
		proxywasm.LogError("configuration refused: control characters cannot be sent in a header")
		return types.OnPluginStartStatusFailed
	}
	plugin.greeting = greeting
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
	if stream.greeting != "" {
		if err := proxywasm.ReplaceHttpResponseHeader("x-greeting", stream.greeting); err != nil {
			proxywasm.LogWarnf("x-greeting refused by the host: %v", err)
		}
	}
	return types.ActionContinue
}
