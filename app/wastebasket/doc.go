// Package wastebasket moves files and folders to the wastebasket of the
// desktop, from where the user can get them back.
package wastebasket

import "errors"

// ErrNone says that there is no wastebasket for a file.
var ErrNone = errors.New("there is no wastebasket for it here")
