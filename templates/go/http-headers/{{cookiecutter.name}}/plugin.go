package main

import (
	"example.com/{{ cookiecutter.name }}/internal/headers"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const requestsMetric = "{{ cookiecutter._root_id }}.requests"

// pluginContext is the plugin: it holds a configuration and counts the requests of all its streams.
type pluginContext struct {
	types.DefaultPluginContext
	settings headers.Settings
	requests proxywasm.MetricCounter
}

func (plugin *pluginContext) OnPluginStart(int) types.OnPluginStartStatus {
	settings, err := headers.Parse(configuration())
	if err != nil {
		proxywasm.LogErrorf("configuration refused: %v", err)
		return types.OnPluginStartStatusFailed
	}
	plugin.settings = settings
	plugin.requests = proxywasm.DefineCounterMetric(requestsMetric)
	return types.OnPluginStartStatusOK
}

func (plugin *pluginContext) NewHttpContext(uint32) types.HttpContext {
	return &httpContext{plugin: plugin}
}

// httpContext is one request and its response.
type httpContext struct {
	types.DefaultHttpContext
	plugin *pluginContext
}

func (stream *httpContext) OnHttpRequestHeaders(int, bool) types.Action {
	stream.plugin.requests.Increment(1)
	proxywasm.LogInfof("%s %s", requestHeader(":method"), requestHeader(":path"))
	warn("a change", stream.plugin.settings.Request.Apply(requestHeaders{}))
	return types.ActionContinue
}

func (stream *httpContext) OnHttpResponseHeaders(int, bool) types.Action {
	proxywasm.LogDebugf("answered %s", responseHeader(":status"))
	warn("a change", stream.plugin.settings.Response.Apply(responseHeaders{}))
	return types.ActionContinue
}
