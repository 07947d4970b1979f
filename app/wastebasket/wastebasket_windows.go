package wastebasket

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	shell32           = windows.NewLazySystemDLL("shell32.dll")
	shFileOperation   = shell32.NewProc("SHFileOperationW")
	shQueryRecycleBin = shell32.NewProc("SHQueryRecycleBinW")
)

// Move moves a file or folder to the wastebasket of its drive (Microsoft:
// SHFileOperationW). Only drives that are built in have one. If that cannot be,
// the file stays where it is, and the error wraps ErrNone or says what failed.
func Move(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err != nil {
		return err
	}
	if err := hasWastebasket(filepath.VolumeName(path) + `\`); err != nil {
		return fmt.Errorf("%s stays where it is: %w", path, err)
	}
	if err := recycle(path); err != nil {
		return fmt.Errorf("%s stays where it is: %w", path, err)
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s stays where it is: Windows has not moved it", path)
	}
	return nil
}

// hasWastebasket returns ErrNone where what is deleted would be gone.
func hasWastebasket(drive string) error {
	name, err := windows.UTF16PtrFromString(drive)
	if err != nil {
		return err
	}
	if windows.GetDriveType(name) != windows.DRIVE_FIXED {
		return ErrNone
	}
	info := struct { // SHQUERYRBINFO
		size         uint32
		bytes, items int64
	}{}
	info.size = uint32(unsafe.Sizeof(info))
	if result, _, _ := shQueryRecycleBin.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&info))); result != 0 {
		return ErrNone
	}
	return nil
}

// recycle has Windows delete a file or folder so that it can be had back.
// Nothing is asked, but where it could not be had back after all.
func recycle(path string) error {
	const (
		fileOpDelete    = 3
		silent          = 0x0004
		noConfirmation  = 0x0010
		allowUndo       = 0x0040
		noErrorDialog   = 0x0400
		wantNukeWarning = 0x4000
	)
	from, err := windows.UTF16FromString(path)
	if err != nil {
		return err
	}
	from = append(from, 0) // it is a list, and ends with an empty name
	operation := struct {  // SHFILEOPSTRUCTW
		window        windows.Handle
		function      uint32
		from, to      *uint16
		flags         uint16
		aborted       int32
		names         uintptr
		progressTitle *uint16
	}{function: fileOpDelete, from: &from[0], flags: silent | noConfirmation | allowUndo | noErrorDialog | wantNukeWarning}
	if result, _, _ := shFileOperation.Call(uintptr(unsafe.Pointer(&operation))); result != 0 {
		return fmt.Errorf("Windows reports error %#x", result)
	}
	if operation.aborted != 0 {
		return errors.New("it was cancelled")
	}
	return nil
}
