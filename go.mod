module trilobyte

go 1.26
