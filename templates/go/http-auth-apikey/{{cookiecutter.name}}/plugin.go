package main

import (
	"errors"
	"fmt"

	"example.com/{{ cookiecutter.name }}/internal/keys"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const (
	clientHeader  = "x-api-client"
	allowedMetric = "{{ cookiecutter._root_id }}.allowed"
	deniedMetric  = "{{ cookiecutter._root_id }}.denied"
)

// pluginContext is the plugin: it holds a configuration, and counts who came in and who did not.
type pluginContext struct {
	types.DefaultPluginContext
	settings        keys.Settings
	allowed, denied proxywasm.MetricCounter
}

func (plugin *pluginContext) OnPluginStart(int) types.OnPluginStartStatus {
	settings, err := keys.Parse(configuration())
	if err != nil {
		proxywasm.LogErrorf("configuration refused: %v", err)
		return types.OnPluginStartStatusFailed
	}
	plugin.settings = settings
	plugin.allowed = proxywasm.DefineCounterMetric(allowedMetric)
	plugin.denied = proxywasm.DefineCounterMetric(deniedMetric)
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
	settings := stream.plugin.settings
	key, err := proxywasm.GetHttpRequestHeader(settings.Header)
	if err != nil {
		if !errors.Is(err, types.ErrorStatusNotFound) {
			warn("reading "+settings.Header, err)
		}
		return stream.deny("an API key is needed\n")
	}
	owner, isKnown := settings.Owner(key)
	if !isKnown {
		return stream.deny("the API key is not known\n")
	}
	warn("removing "+settings.Header, proxywasm.RemoveHttpRequestHeader(settings.Header))
	warn("setting "+clientHeader, proxywasm.ReplaceHttpRequestHeader(clientHeader, owner))
	stream.plugin.allowed.Increment(1)
	return types.ActionContinue
}

func (stream *httpContext) deny(reason string) types.Action {
	settings := stream.plugin.settings
	challenge := fmt.Sprintf(`ApiKey realm="%s", header="%s"`, settings.Realm, settings.Header)
	headers := [][2]string{% raw %}{{"www-authenticate", challenge}}{% endraw %}
	warn("the answer", proxywasm.SendHttpResponse(401, headers, []byte(reason), -1))
	stream.plugin.denied.Increment(1)
	return types.ActionPause
}
