package network

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"trilobyte/codec/formattext"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/predictor"
)

// TestLimitsAreThoseOfTheFormat compares the limits of a network, and the fields of its file, with FORMAT.md.
func TestLimitsAreThoseOfTheFormat(t *testing.T) {
	s := formattext.Read(t, "## Language model")
	s.Has(fmt.Sprintf("a network of 1 to %d layers", maxLayers))
	s.Has(fmt.Sprintf("each 1 to %d |", maxWidth))
	s.Has(fmt.Sprintf("a power of two with t = 0 to %d", maxShift))
	s.Has(fmt.Sprintf("has the rate k[i], 0 to %d,", maxRate))
	s.Has(fmt.Sprintf("limit out[o] to 0 to %d", activationLimit))
	s.Has("< 2^24")
	if accumulatorLimit != 1<<24 {
		t.Errorf("the code has the bound %d", accumulatorLimit)
	}
	s.Has(fmt.Sprintf("the key `%s`", descriptionProperty))
	s.Has(fmt.Sprintf("the key `%s`", memoryProperty))
	s.Has(fmt.Sprintf("type: %d for f32, %d for int8", tensorTypeFloat, tensorTypeInt8))
	fields := map[string]int{
		"ModelProto GraphProto": modelGraph, "ModelProto StringStringEntryProto, repeated: a property": modelProperties,
		"StringStringEntryProto key": propertyKey, "StringStringEntryProto value": propertyValue,
		"GraphProto NodeProto, repeated: an operation": graphNode, "GraphProto TensorProto, repeated: a constant": graphInitializer,
		"NodeProto name of an input, repeated": nodeInput, "NodeProto name of the output": nodeOutput, "NodeProto operator": nodeOperator,
		"TensorProto name": tensorName, "TensorProto elements, little-endian, the last dimension running fastest": tensorRaw,
	}
	found := 0
	for _, row := range s.Rows() {
		number, listed := fields[row[0]+" "+row[len(row)-1]]
		if !listed {
			continue
		}
		found++
		if row[1] != strconv.Itoa(number) {
			t.Errorf("%s: the field %q is %s, in the code it is %d", row[0], row[2], row[1], number)
		}
	}
	if found != len(fields) {
		t.Errorf("%d of %d fields are in FORMAT.md", found, len(fields))
	}
}

// TestTheDescriptionIsThatOfTheFormat compares the members of descriptions, in their order, and whether they may be left out, with
// FORMAT.md.
func TestTheDescriptionIsThatOfTheFormat(t *testing.T) {
	var want []string
	for _, object := range []reflect.Type{
		reflect.TypeFor[Description](), reflect.TypeFor[predictor.Description](), reflect.TypeFor[predictor.LeastSquares](),
		reflect.TypeFor[predictor.Repeating](),
		reflect.TypeFor[predictor.Memory](), reflect.TypeFor[predictor.Solution](), reflect.TypeFor[predictor.Tone](),
		reflect.TypeFor[predictor.Chain](), reflect.TypeFor[predictor.Cascade](),
		reflect.TypeFor[predictor.Robust](), reflect.TypeFor[predictor.Stage](), reflect.TypeFor[feature.Description](),
	} {
		for i := range object.NumField() {
			if field := object.Field(i); !field.Anonymous {
				name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
				want = append(want, fmt.Sprintf("`%s` there: %v", name, map[string]string{"": "yes", "omitempty": "no"}[options]))
			}
		}
	}
	var listed []string
	s := formattext.Read(t, "## Description")
	for _, row := range s.Rows() {
		listed = append(listed, row[1]+" there: "+row[len(row)-1])
	}
	if !slices.Equal(listed, want) {
		t.Errorf("FORMAT.md lists the members %q, the code has %q", listed, want)
	}
	s.Has(fmt.Sprintf("at most %d bytes", maxDescription))
	s.Has(fmt.Sprintf("at most %d **multiplications**", maxMultiplyAdds))
}
