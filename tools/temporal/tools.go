//go:build tools

// Package tools pins the Temporal command line, whose "server start-dev" is the embedded Temporal server. Nothing here is
// compiled: runtime/stack builds github.com/temporalio/cli/cmd/temporal from this module, so that go.mod and go.sum decide
// which version that is. The replace in go.mod is needed because the cli module of v1.8.2 asks for cliext v0.0.0, which was
// only ever meant to be found next to it in its own repository.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
