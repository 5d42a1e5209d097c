package main

import "github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"

// configuration returns the plugin's configuration; to the SDK an empty one is an error.
func configuration() []byte {
	document, err := proxywasm.GetPluginConfiguration()
	if err != nil {
		return nil
	}
	return document
}

// warn logs what the host refused: the stream goes on, since a panic would take the whole VM down.
func warn(what string, err error) {
	if err != nil {
		proxywasm.LogWarnf("%s was refused by the host: %v", what, err)
	}
}
