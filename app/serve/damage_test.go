package serve_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"trilobyte/app/job/jobtest"
)

func TestDamageIsAnErrorWhereItIs(t *testing.T) {
	archive, originals := album(t, 1)
	b, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	name := "Album/Discs/00.wav"
	flipped := bytes.Index(b, []byte(name)) + 50_000 // in its first segment
	b[flipped] ^= 1
	if err := os.WriteFile(archive, b, 0o666); err != nil {
		t.Fatal(err)
	}
	base, log := start(t, jobtest.Codec(model), archive)
	address := addressOf(base, "My Album", name)
	answer, body, err := ask(t, "GET", address, "Range", "bytes=1000-1999")
	if err != nil || answer.StatusCode != 500 || answer.Header.Get("Content-Range") != "" {
		t.Errorf("%v, error %v", answer, err)
	}
	for _, text := range []string{string(body), log.String()} {
		if !strings.Contains(text, "the audio from 0:00:00.000 to 0:00:") || !strings.Contains(text, name) {
			t.Errorf("the error does not say when it is: %s", text)
		}
	}
	if !strings.Contains(log.String(), "My Album: "+name) {
		t.Errorf("the log does not say in which archive: %s", log)
	}
	want := originals[name]
	answer, body, err = ask(t, "GET", address, "Range", "bytes=-1000")
	if err != nil || answer.StatusCode != 206 || !bytes.Equal(body, want[len(want)-1000:]) {
		t.Errorf("behind the damage: %v, error %v", answer, err)
	}
	// The 44 bytes before the audio are sound, but no answer by themselves.
	answer, body, err = ask(t, "GET", address)
	if err != nil || answer.StatusCode != 500 || !strings.Contains(string(body), name) {
		t.Errorf("all of it: %v, %s, error %v", answer, body, err)
	}
}

// TestAnArchiveThatIsReplaced is read from as before, or not at all.
func TestAnArchiveThatIsReplaced(t *testing.T) {
	archive, originals := album(t, 1)
	b, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	base, log := start(t, jobtest.Codec(model), archive)
	name := "Album/Discs/00.wav"
	address, want := addressOf(base, "My Album", name), originals[name]
	if err := os.Rename(archive, archive+".old"); err != nil {
		t.Fatal(err)
	}
	answer, body, err := ask(t, "GET", address, "Range", "bytes=0-9999")
	if err != nil || answer.StatusCode != 206 || !bytes.Equal(body, want[:10_000]) {
		t.Errorf("after it was replaced: %v, error %v", answer, err)
	}
	for i := range b {
		b[i]++
	}
	time.Sleep(20 * time.Millisecond) // times of files are only so exact
	if err := os.WriteFile(archive+".old", b, 0o666); err != nil {
		t.Fatal(err)
	}
	answer, _, err = ask(t, "GET", address, "Range", "bytes=-10000")
	if err != nil || answer.StatusCode != 500 || !strings.Contains(log.String(), "was changed since it was opened") {
		t.Errorf("after it was written to: %v, error %v, log %s", answer, err, log)
	}
}
