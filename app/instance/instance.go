// Package instance keeps one window of the program open for each user: a program
// that is started later hands what it is to open to that one, over a local socket,
// and ends.
//
// Whoever has the lock in the user's folder is the one. The address of its socket
// lies beside the lock. Only the user can reach the socket.
package instance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"trilobyte/app/disk"
)

// Names of the files in the user's folder.
const (
	lockName    = "window.lock"
	addressName = "window.address"
	socketName  = "window.socket"
)

// maxAddress is how long the path of a socket may be on all systems, in bytes.
const maxAddress = 100

// patience is how long an answer may take, and how long a window that is being
// closed is waited for.
const patience = 10 * time.Second

// message is what is handed over. Paths are bytes, for not all are UTF-8.
type message struct {
	Paths [][]byte `json:"paths"`
}

// Instance is the one. Its Close is to be called.
type Instance struct {
	lock     disk.File
	listener net.Listener
	dir      string // of the socket, if that is its own
	address  string // path of the file that has the socket's
	wg       sync.WaitGroup
}

// Join makes this program the one whose files are in the folder dir, or hands
// paths to the one that there is: it is nil then, without an error. The error says
// why neither could be done; the program then goes on alone.
func Join(dir string, paths []string) (*Instance, error) {
	deadline := time.Now().Add(patience)
	for {
		i, err := take(dir)
		if err == nil || !errors.Is(err, disk.ErrLocked) {
			return i, err
		}
		if hand(dir, paths) == nil {
			return nil, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("another window of Trilobyte is open, but does not answer: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// take takes the lock and opens the socket.
func take(dir string) (*Instance, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := disk.OS{}.Edit(filepath.Join(dir, lockName), 0o600)
	if err != nil {
		return nil, err
	}
	i := &Instance{lock: lock, address: filepath.Join(dir, addressName)}
	if err := lock.Lock(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := i.listen(dir); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// listen opens the socket, in a folder of its own if the path would be too long, and
// tells where it is.
func (i *Instance) listen(dir string) error {
	socket := filepath.Join(dir, socketName)
	if len(socket) > maxAddress {
		own, err := os.MkdirTemp("", "trilobyte-")
		if err != nil {
			return err
		}
		i.dir, socket = own, filepath.Join(own, socketName)
	}
	os.Remove(socket) // of one that was killed
	var err error
	if i.listener, err = net.Listen("unix", socket); err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o600); err != nil && runtime.GOOS != "windows" { // there, the folder's rights hold
		return err
	}
	return os.WriteFile(i.address, []byte(socket), 0o600)
}

// Serve begins to take what others hand over. open gets it, on any goroutine, and
// says whether it takes it; a window that is being closed does not.
func (i *Instance) Serve(open func(paths []string) bool) {
	i.wg.Go(func() {
		for {
			c, err := i.listener.Accept()
			if err != nil {
				return // it is closed
			}
			i.wg.Go(func() { answer(c, open) })
		}
	})
}

// answer takes what is handed over one connection.
func answer(c net.Conn, open func(paths []string) bool) {
	defer c.Close()
	const most = 16 << 20 // bytes
	c.SetDeadline(time.Now().Add(patience))
	var m message
	if json.NewDecoder(io.LimitReader(c, most)).Decode(&m) != nil {
		return
	}
	paths := make([]string, 0, len(m.Paths))
	for _, p := range m.Paths {
		if filepath.IsAbs(string(p)) {
			paths = append(paths, string(p))
		}
	}
	if open(paths) {
		io.WriteString(c, "taken\n")
	}
}

// hand hands paths to the one that there is.
func hand(dir string, paths []string) error {
	address, err := os.ReadFile(filepath.Join(dir, addressName))
	if err != nil {
		return err
	}
	c, err := net.DialTimeout("unix", string(address), patience)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	var m message
	for _, p := range paths {
		if absolute, err := filepath.Abs(p); err == nil {
			p = absolute
		}
		m.Paths = append(m.Paths, []byte(p))
	}
	if err := json.NewEncoder(c).Encode(m); err != nil {
		return err
	}
	reply, err := io.ReadAll(io.LimitReader(c, 64))
	if err == nil && strings.TrimSpace(string(reply)) != "taken" {
		err = errors.New("it does not take it")
	}
	return err
}

// Close ends it, and waits for what is being handed over.
func (i *Instance) Close() error {
	var errs []error
	if i.listener != nil {
		errs = append(errs, i.listener.Close()) // removes the socket
		os.Remove(i.address)
	}
	i.wg.Wait()
	if i.dir != "" {
		errs = append(errs, os.RemoveAll(i.dir))
	}
	return errors.Join(append(errs, i.lock.Close())...)
}
