package main

import (
	"strconv"

	"example.com/{{ cookiecutter.name }}/internal/limits"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const (
	allowedMetric = "{{ cookiecutter._root_id }}.allowed"
	limitedMetric = "{{ cookiecutter._root_id }}.limited"
)

// pluginContext is the plugin: it holds a configuration, and counts what passed and what did not.
type pluginContext struct {
	types.DefaultPluginContext
	settings         limits.Settings
	allowed, limited proxywasm.MetricCounter
}

func (plugin *pluginContext) OnPluginStart(int) types.OnPluginStartStatus {
	settings, err := limits.Parse(configuration())
	if err != nil {
		proxywasm.LogErrorf("configuration refused: %v", err)
		return types.OnPluginStartStatusFailed
	}
	plugin.settings = settings
	plugin.allowed = proxywasm.DefineCounterMetric(allowedMetric)
	plugin.limited = proxywasm.DefineCounterMetric(limitedMetric)
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
	wait := secondsToWait(clientAddress(), stream.plugin.settings)
	if wait == 0 {
		stream.plugin.allowed.Increment(1)
		return types.ActionContinue
	}
	stream.plugin.limited.Increment(1)
	headers := [][2]string{% raw %}{{"retry-after", strconv.FormatInt(wait, 10)}}{% endraw %}
	warn("the answer", proxywasm.SendHttpResponse(429, headers, []byte("too many requests\n"), -1))
	return types.ActionPause
}

func clientAddress() string {
	source, err := proxywasm.GetProperty([]string{"source", "address"})
	if err != nil {
		return "unknown"
	}
	return limits.WithoutPort(string(source))
}
