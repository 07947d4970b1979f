package disk

import (
	"errors"

	"golang.org/x/sys/windows"
)

// systemRemedies are for the errors that Windows has words of its own for.
var systemRemedies = map[Remedy][]error{
	FreeSpace:      {windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED},
	SaveTheDisk:    {windows.ERROR_CRC, windows.ERROR_IO_DEVICE, windows.ERROR_SECTOR_NOT_FOUND, windows.ERROR_FILE_CORRUPT, windows.ERROR_DISK_CORRUPT},
	WritablePlace:  {windows.ERROR_WRITE_PROTECT},
	ShorterName:    {windows.ERROR_FILENAME_EXCED_RANGE, windows.ERROR_BUFFER_OVERFLOW},
	FewerOpenFiles: {windows.ERROR_TOO_MANY_OPEN_FILES, windows.ERROR_NO_SYSTEM_RESOURCES},
	CloseProgram:   {windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION, windows.ERROR_USER_MAPPED_FILE},
}

// systemRemedy knows the errors that only this system has.
func systemRemedy(err error) Remedy {
	for remedy, errs := range systemRemedies {
		for _, e := range errs {
			if errors.Is(err, e) {
				return remedy
			}
		}
	}
	return NoRemedy
}
