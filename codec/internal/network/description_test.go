package network_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
)

// described returns the texts of the committed presets' descriptions, as model files have them.
func described(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../../training/presets/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no presets: %v", err)
	}
	texts := map[string]string{}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, text); err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = compact.String()
	}
	return texts
}

// TestForgedDescriptions has descriptions refused that are impossible, absurd, or not written in the one way.
func TestForgedDescriptions(t *testing.T) {
	whole := described(t)["default.json"]
	if _, err := network.ParseDescription([]byte(whole)); err != nil {
		t.Fatal(err)
	}
	nest := func(n int) string { return strings.Repeat("[", n) }
	cases := map[string]struct{ old, new, says string }{
		"nothing":                     {whole, "", "cannot be read"},
		"an unknown member":           {`"sse"`, `"sse2"`, "unknown field"},
		"a member twice":              {`"sse":true`, `"sse":false,"sse":true`, "not written as it should be"},
		"a member in other letters":   {`"sse"`, `"SSE"`, "not written as it should be"},
		"space":                       {`"sse":true`, `"sse": true`, "not written as it should be"},
		"text behind it":              {`"sse":true}`, `"sse":true}{}`, "not written as it should be"},
		"a number in another form":    {`"taps":512`, `"taps":5.12e2`, "cannot be read"},
		"taps that are no multiple":   {`"taps":512`, `"taps":500`, "a filter of 500 taps"},
		"no taps":                     {`"taps":512`, `"taps":0`, "a filter of 0 taps"},
		"huge taps":                   {`"taps":512`, `"taps":1073741824`, "a filter of 1073741824 taps"},
		"a number beyond all":         {`"taps":512`, `"taps":99999999999999999999`, "cannot be read"},
		"a negative step size":        {`"mu":0.05`, `"mu":-0.05`, "step size"},
		"a step size of 2":            {`"mu":0.05`, `"mu":2`, "step size"},
		"an order of 65":              {`"own":16`, `"own":49`, "49 and 16 regressors"},
		"no regressors":               {`"own":16`, `"own":0`, "0 and 16 regressors"},
		"a group without solutions":   {`"least_squares":[`, `"least_squares":[{"own":4,"solutions":[]},`, "without solutions"},
		"it does not forget":          {`"forget":0.998`, `"forget":1`, "forgets by 1"},
		"no ridge":                    {`"ridge":3000`, `"ridge":0`, "a ridge of 0"},
		"a huge ridge":                {`"ridge":3000`, `"ridge":1e+300`, "ridge"},
		"an interval of 3":            {`"last":16`, `"last":3`, "every 1 to 3 samples"},
		"an interval without end":     {`"last":16`, `"last":1073741824`, "every 1 to 1073741824"},
		"a base that is a filter":     {`"base":1`, `"base":3`, "after prediction 3"},
		"a tone of no order":          {`"order":1024`, `"order":0`, "tones from 0 samples"},
		"a tone of a huge order":      {`"order":1024`, `"order":5000`, "tones from 5000 samples"},
		"a tone without a ridge":      {`"ridge":1e-10`, `"ridge":0`, "with a ridge of 0"},
		"a tone found at odd times":   {`"every":1024`, `"every":1000`, "every 1000 samples"},
		"a tone that lasts too long":  {`"ridge":1e-10`, `"ridge":1e-10,"longer":5`, "tones from 1024 samples"},
		"too many tones":              {`{"order":1024,"every":1024,"ridge":1e-10}`, strings.TrimSuffix(strings.Repeat(`{"order":1024,"every":1024,"ridge":1e-10},`, 5), ","), "5 predictors of tones"},
		"a tonal base that is none":   {`"tonal":{"base":3`, `"tonal":{"base":4`, "after prediction 4"},
		"tonal without tones":         {`"tones":[{"order":1024,"every":1024,"ridge":1e-10}],`, "", "where there are tones"},
		"a tonal cascade cut short":   {`"tonal":{"base":3,"stages":[{"taps":256,"mu":0.008},`, `"tonal":{"base":3,"stages":[`, "a cascade of 3 filters"},
		"a negative base":             {`"base":1`, `"base":-1`, "after prediction -1"},
		"unmixed out of order":        {`[3,9,12,13]`, `[3,12,9,13]`, "not mixed"},
		"unmixed beyond the filters":  {`[3,9,12,13]`, `[3,9,12,18]`, "not mixed"},
		"too many samples mixed":      {`"mixed_samples":2`, `"mixed_samples":60`, "60 samples to mix"},
		"a negative number of them":   {`"mixed_samples":2`, `"mixed_samples":-2`, "to mix"},
		"an innovation of 1":          {`"innovation":0.3`, `"innovation":1`, "innovation"},
		"an innovation of -0":         {`"innovation":0.3`, `"innovation":-0`, "innovation"},
		"a reference that is not":     {`"reference":21`, `"reference":22`, "a prediction 22"},
		"a negative prediction shown": {`"shown":[0`, `"shown":[-1`, "a prediction -1"},
		"too many shown":              {`"shown":[0`, `"shown":[0,0,0`, "18 predictions shown"},
		"none shown":                  {`"shown":[0,1,2,4,5,6,18,8,10,11,14,15,16,17,19,20]`, `"shown":[]`, "0 predictions shown"},
		"too deep":                    {whole, nest(100000), "more than"},
		"too long":                    {`"sse":true`, `"sse":true` + strings.Repeat(" ", 1<<17), "more than"},
		"two mixers to stack":         {`{"forget":0.997,"ridge":5,"first":1,"last":32},`, "", "a stacking of 2 mixers"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(whole, c.old) {
				t.Fatalf("the description has no %s", c.old)
			}
			d, err := network.ParseDescription([]byte(strings.Replace(whole, c.old, c.new, 1)))
			if d != nil || err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, want %q", err, c.says)
			}
		})
	}
}

// TestCostsAreLimited makes sure that a model whose description asks for more time than a sample may take is refused.
func TestCostsAreLimited(t *testing.T) {
	solve := strings.Repeat(`{"forget":0.9,"ridge":1,"first":1,"last":1},`, 16)
	text := `{"predictors":{"least_squares":[{"own":64,"solutions":[` + strings.TrimSuffix(solve, ",") +
		`]}],"innovation":0},"features":{"reference":0,"shown":[0],"newest":0},"sse":false}`
	if _, err := network.ParseDescription([]byte(text)); err != nil {
		t.Fatal(err)
	}
	file, err := network.Redescribe(random(3), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := network.Load(file); err == nil || !strings.Contains(err.Error(), "multiplications a sample") {
		t.Errorf("it says %v", err)
	}
}

// FuzzDescription has no text make the predictors panic, or take more memory than a model may.
func FuzzDescription(f *testing.F) {
	for _, text := range described(f) {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := network.ParseDescription(text)
		if err != nil {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, channels := range []int{1, 2} {
			low, high := []float64{-32768, -32768}, []float64{32767, 32767}
			samples, lags := make([][]int32, channels), predictor.Lags(nil)
			for c := range samples {
				samples[c] = make([]int32, 40)
			}
			if d.Predictors.Repeats() {
				lags = predictor.Lags{0}
			}
			extractors := feature.New(predictor.NewSets(&d.Predictors, samples, predictor.Relations{Lags: lags}), &d.Features, low[:channels], high[:channels])
			for i := range 40 {
				for c, e := range extractors {
					e.Next()
					e.Learn(math.Round(30000 * math.Sin(float64(i*i+c))))
				}
			}
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%d bytes were allocated", used)
		}
	})
}
