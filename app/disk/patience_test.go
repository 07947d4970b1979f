package disk

import (
	"errors"
	"testing"
	"time"
)

func TestPatiently(t *testing.T) {
	busy, broken := errors.New("busy"), errors.New("broken")
	for name, c := range map[string]struct {
		errs []error // of the attempts; the last one stays
		want error
		most int // attempts
	}{
		"at once":                    {[]error{nil}, nil, 1},
		"after a while":              {[]error{busy, busy, nil}, nil, 3},
		"another error":              {[]error{broken, nil}, broken, 1},
		"another error after busy":   {[]error{busy, broken, nil}, broken, 2},
		"nobody gets out of the way": {[]error{busy}, busy, 12},
	} {
		t.Run(name, func(t *testing.T) {
			attempts, waited := 0, time.Duration(0)
			err := patiently(func() error {
				attempts++
				return c.errs[min(attempts, len(c.errs))-1]
			}, func(err error) bool { return err == busy }, func(d time.Duration) { waited += d })
			if err != c.want {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if attempts > c.most || len(c.errs) > 1 && attempts != c.most {
				t.Errorf("%d attempts, want %d", attempts, c.most)
			}
			if waited > patience {
				t.Errorf("it waited %v, longer than %v", waited, patience)
			}
		})
	}
}
