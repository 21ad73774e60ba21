// Ends one ringing call without an error at the caller's phone, and says what came of it.
//
//	end_quietly [HOST:PORT]      the server's gRPC address; else $ADIEU_SERVER, else 127.0.0.1:50051
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	// What protoc makes of the API, see generate.sh.
	adieu "adieu.example/end_quietly/adieuv1"
)

// For one answer and for all tries together. A phone that is gone is given up after 32 s.
const answer, tries = 45 * time.Second, 60 * time.Second

var ringing = &adieu.CallMatch{Node: &adieu.CallMatch_State{State: adieu.CallState_CALL_STATE_RINGING}}

// Every ringing call, and the token from which a watch misses nothing.
func listRinging(client adieu.CallControlServiceClient) (calls []*adieu.Call, resume string, err error) {
	for page := ""; ; {
		ctx, cancel := context.WithTimeout(context.Background(), answer)
		listed, err := client.ListCalls(ctx, &adieu.ListCallsRequest{Match: ringing, PageToken: page})
		cancel()
		if err != nil {
			return nil, "", err
		}
		calls = append(calls, listed.Calls...)
		if resume == "" {
			resume = listed.ResumeToken
		}
		if page = listed.NextPageToken; page == "" {
			return calls, resume, nil
		}
	}
}

// The next call that rings.
func nextRinging(client adieu.CallControlServiceClient, resume string) (*adieu.Call, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watch, err := client.WatchCalls(ctx, &adieu.WatchCallsRequest{Match: ringing, ResumeToken: resume})
	if err != nil {
		return nil, err
	}
	for {
		change, err := watch.Recv()
		if err != nil {
			return nil, err
		}
		if call := change.GetCall(); call != nil {
			return call, nil
		}
	}
}

// Whether nothing was done, or nobody knows: the same request again, with the same request_id, is safe.
func passes(err error) bool {
	code := status.Code(err)
	return code == codes.Unavailable || code == codes.ResourceExhausted
}

func newRequestID() (string, error) {
	id := make([]byte, 16)
	_, err := rand.Read(id)
	return hex.EncodeToString(id), err
}

// The termination, once the phone has confirmed it. Tries again for as long as that may help.
func endQuietly(client adieu.CallControlServiceClient, name string) (*adieu.Termination, error) {
	id, err := newRequestID()
	if err != nil {
		return nil, err
	}
	request := &adieu.TerminateCallRequest{
		Call:      &adieu.TerminateCallRequest_Name{Name: name},
		Intent:    adieu.Intent_INTENT_QUIET,
		Wait:      adieu.Wait_WAIT_ENDED,
		Note:      "end_quietly.go",
		RequestId: id,
	}
	giveUp := time.Now().Add(tries)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		ctx, cancel := context.WithTimeout(context.Background(), answer)
		termination, err := client.TerminateCall(ctx, request)
		cancel()
		if err == nil || !passes(err) || time.Now().Add(pause).After(giveUp) {
			return termination, err
		}
		fmt.Println("again:", status.Code(err))
		time.Sleep(pause)
	}
}

func min(a, b time.Duration) time.Duration {
	if a < b {
		return a
	}
	return b
}

func run(address string) error {
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		return err
	}
	defer connection.Close()
	client := adieu.NewCallControlServiceClient(connection)
	calls, resume, err := listRinging(client)
	if err != nil {
		return err
	}
	for _, call := range calls {
		fmt.Println("rings:", call.Name, "from", call.Caller.FromUri)
	}
	if len(calls) == 0 {
		call, err := nextRinging(client, resume)
		if err != nil {
			return err
		}
		calls = append(calls, call)
	}
	termination, err := endQuietly(client, calls[0].Name)
	if err != nil {
		return err
	}
	// What became of it is data, not an error: the phone may have hung up first (PEER_FIRST).
	fmt.Println("ended:", termination.Call, "by", termination.Policy, termination.Rule)
	for _, leg := range termination.Legs {
		fmt.Printf("%v %v %d %s: %v\n", leg.Side, leg.Action, leg.StatusCode, leg.ReasonPhrase, leg.Outcome)
	}
	return nil
}

func main() {
	address := os.Getenv("ADIEU_SERVER")
	if address == "" {
		address = "127.0.0.1:50051"
	}
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	if err := run(address); err != nil {
		var code interface{ GRPCStatus() *status.Status }
		if errors.As(err, &code) {
			fmt.Fprintf(os.Stderr, "%v: %s\n", code.GRPCStatus().Code(), code.GRPCStatus().Message())
		} else {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}
