package main

import (
	"fmt"

	"example.com/{{ cookiecutter.name }}/internal/authorization"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const (
	userHeader      = "x-auth-user"
	challengeHeader = "www-authenticate"
	allowedMetric   = "{{ cookiecutter._root_id }}.allowed"
	deniedMetric    = "{{ cookiecutter._root_id }}.denied"
	failedMetric    = "{{ cookiecutter._root_id }}.failed"
)

// pluginContext is the plugin: it holds a configuration, and counts what became of its questions.
type pluginContext struct {
	types.DefaultPluginContext
	settings                authorization.Settings
	allowed, denied, failed proxywasm.MetricCounter
}

func (plugin *pluginContext) OnPluginStart(int) types.OnPluginStartStatus {
	settings, err := authorization.Parse(configuration())
	if err != nil {
		proxywasm.LogErrorf("configuration refused: %v", err)
		return types.OnPluginStartStatusFailed
	}
	plugin.settings = settings
	plugin.allowed = proxywasm.DefineCounterMetric(allowedMetric)
	plugin.denied = proxywasm.DefineCounterMetric(deniedMetric)
	plugin.failed = proxywasm.DefineCounterMetric(failedMetric)
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
	warn("removing "+userHeader, proxywasm.RemoveHttpRequestHeader(userHeader))
	settings := stream.plugin.settings
	_, err := proxywasm.DispatchHttpCall(
		settings.Cluster, question(settings), nil, nil, settings.TimeoutMilliseconds, stream.onAnswer,
	)
	if err == nil || !stream.fail(fmt.Sprintf("it cannot be asked: %v", err)) {
		return types.ActionPause
	}
	return types.ActionContinue
}

// question returns the headers of what the service is asked.
func question(settings authorization.Settings) [][2]string {
	headers := [][2]string{
		{":method", "GET"},
		{":authority", settings.Authority},
		{":path", settings.Path},
	}
	for _, passed := range [][2]string{
		{":method", "x-original-method"},
		{":path", "x-original-path"},
		{"authorization", "authorization"},
	} {
		if value, err := proxywasm.GetHttpRequestHeader(passed[0]); err == nil {
			headers = append(headers, [2]string{passed[1], value})
		}
	}
	return headers
}

func (stream *httpContext) onAnswer(numHeaders, _, _ int) {
	var headers [][2]string
	if numHeaders > 0 {
		found, err := proxywasm.GetHttpCallResponseHeaders()
		warn("reading the answer", err)
		headers = found
	}
	switch answer := authorization.Judge(headers); answer.Verdict {
	case authorization.Allowed:
		stream.allow(answer)
	case authorization.Denied:
		stream.deny(answer)
	case authorization.Failed:
		if stream.fail(fmt.Sprintf("status %d", answer.Status)) {
			warn("going on", proxywasm.ResumeHttpRequest())
		}
	}
}

func (stream *httpContext) allow(answer authorization.Answer) {
	if answer.User != "" {
		warn("setting "+userHeader, proxywasm.ReplaceHttpRequestHeader(userHeader, answer.User))
	}
	stream.plugin.allowed.Increment(1)
	warn("going on", proxywasm.ResumeHttpRequest())
}

func (stream *httpContext) deny(answer authorization.Answer) {
	var headers [][2]string
	if answer.Challenge != "" {
		headers = append(headers, [2]string{challengeHeader, answer.Challenge})
	}
	stream.plugin.denied.Increment(1)
	stream.respond(answer.Status, headers, "denied by the authorization service\n")
}

// fail counts and logs a failure. It tells whether the request goes on; else it is answered.
func (stream *httpContext) fail(reason string) (goesOn bool) {
	stream.plugin.failed.Increment(1)
	proxywasm.LogWarnf("the authorization service failed: %s", reason)
	if !stream.plugin.settings.IsOpen {
		stream.respond(503, nil, "the authorization service failed\n")
	}
	return stream.plugin.settings.IsOpen
}

func (stream *httpContext) respond(status uint32, headers [][2]string, body string) {
	warn("the answer", proxywasm.SendHttpResponse(status, headers, []byte(body), -1))
}
