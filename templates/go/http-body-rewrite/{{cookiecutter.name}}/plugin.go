package main

import (
	"example.com/{{ cookiecutter.name }}/internal/rewrite"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const rewrittenMetric = "{{ cookiecutter._root_id }}.rewritten"

var (
	requestHalf = half{
		getHeader:    proxywasm.GetHttpRequestHeader,
		removeHeader: proxywasm.RemoveHttpRequestHeader,
		getBody:      proxywasm.GetHttpRequestBody,
		replaceBody:  proxywasm.ReplaceHttpRequestBody,
	}
	responseHalf = half{
		getHeader:    proxywasm.GetHttpResponseHeader,
		removeHeader: proxywasm.RemoveHttpResponseHeader,
		getBody:      proxywasm.GetHttpResponseBody,
		replaceBody:  proxywasm.ReplaceHttpResponseBody,
	}
)

// pluginContext is the plugin: it holds a configuration, and counts the bodies that it changed.
type pluginContext struct {
	types.DefaultPluginContext
	settings  rewrite.Settings
	rewritten proxywasm.MetricCounter
}

func (plugin *pluginContext) OnPluginStart(int) types.OnPluginStartStatus {
	settings, err := rewrite.Parse(configuration())
	if err != nil {
		proxywasm.LogErrorf("configuration refused: %v", err)
		return types.OnPluginStartStatusFailed
	}
	plugin.settings = settings
	plugin.rewritten = proxywasm.DefineCounterMetric(rewrittenMetric)
	return types.OnPluginStartStatusOK
}

func (plugin *pluginContext) NewHttpContext(uint32) types.HttpContext {
	settings := plugin.settings
	return &httpContext{
		maxBytes: settings.MaxBytes,
		request:  body{half: requestHalf, replacements: settings.Request, rewritten: plugin.rewritten},
		response: body{half: responseHalf, replacements: settings.Response, rewritten: plugin.rewritten},
	}
}

// httpContext is one request and its response.
type httpContext struct {
	types.DefaultHttpContext
	maxBytes          int
	request, response body
}

func (stream *httpContext) OnHttpRequestHeaders(_ int, endOfStream bool) types.Action {
	stream.request.begin(endOfStream)
	return types.ActionContinue
}

func (stream *httpContext) OnHttpRequestBody(size int, endOfStream bool) types.Action {
	if stream.request.isOn && size > stream.maxBytes {
		stream.request.isOn = false
		answer := []byte("the body is too large\n")
		warn("the answer", proxywasm.SendHttpResponse(413, nil, answer, -1))
		return types.ActionPause
	}
	return stream.request.take(size, endOfStream)
}

func (stream *httpContext) OnHttpRequestTrailers(int) types.Action {
	stream.request.finish()
	return types.ActionContinue
}

func (stream *httpContext) OnHttpResponseHeaders(_ int, endOfStream bool) types.Action {
	stream.response.begin(endOfStream)
	return types.ActionContinue
}

func (stream *httpContext) OnHttpResponseBody(size int, endOfStream bool) types.Action {
	if stream.response.isOn && size > stream.maxBytes {
		// Its headers are with the client already: there is nothing else that could be answered.
		proxywasm.LogWarnf("a response stays as it is: it is longer than %d bytes", stream.maxBytes)
		stream.response.isOn = false
	}
	return stream.response.take(size, endOfStream)
}

func (stream *httpContext) OnHttpResponseTrailers(int) types.Action {
	stream.response.finish()
	return types.ActionContinue
}
