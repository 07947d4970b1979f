// Numbers that count what is done with them, in place of the language's own (COUNTED): so the same source tells what it would cost. A number is
// read from memory, or written, when it lies there; all others are taken for registers.
#pragma once
#include <type_traits>

enum Kind { DOUBLES, FLOATS, DOTS, SHARED_BYTES, GLOBAL_BYTES, KINDS };

void emulate_count(Kind kind, int n);            // for the thread at work
void emulate_touch(const void *at, int bytes);   // wherever that is

// Divisions and square roots of 64 bits take about so many instructions, of 32 bits so many.
template <class T> constexpr int long_ones = sizeof(T) == 8 ? 10 : 8;

template <class T> struct Number {
	T v;

	static void count(int n = 1) { emulate_count(sizeof(T) == 8 ? DOUBLES : FLOATS, n); }
	void touch() const { emulate_touch(this, sizeof(T)); }
	T read() const { return touch(), v; }

	Number() = default;
	Number(const Number &o) : v(o.read()) { touch(); }
	template <class A, class = std::enable_if_t<std::is_arithmetic<A>::value>> __attribute__((always_inline)) Number(A a) : v(T(a)) {
		if (!__builtin_constant_p(a)) converted<A>();
		touch();
	}
	template <class A> Number(const Number<A> &o) : v(T(o.read())) { converted<A>(), touch(); }
	Number &operator=(const Number &o) { return v = o.read(), touch(), *this; }
	template <class A, class = std::enable_if_t<std::is_arithmetic<A>::value>> explicit operator A() const {
		if (!std::is_same<A, bool>::value) converted<A>();
		return A(read());
	}
	// A conversion is the work of the unit for the longer numbers.
	template <class A> static void converted() { emulate_count(sizeof(T) == 8 || sizeof(A) == 8 ? DOUBLES : FLOATS, 1); }

	static Number of(T v) {
		Number n;
		n.v = v;
		return n;
	}
	friend Number operator+(const Number &a, const Number &b) { return count(), of(a.read() + b.read()); }
	friend Number operator-(const Number &a, const Number &b) { return count(), of(a.read() - b.read()); }
	friend Number operator*(const Number &a, const Number &b) { return count(), of(a.read() * b.read()); }
	friend Number operator/(const Number &a, const Number &b) { return count(long_ones<T>), of(a.read() / b.read()); }
	friend Number operator-(const Number &a) { return of(-a.read()); } // part of what comes next
	friend bool operator<(const Number &a, const Number &b) { return count(), a.read() < b.read(); }
	friend bool operator>(const Number &a, const Number &b) { return count(), a.read() > b.read(); }
	friend bool operator<=(const Number &a, const Number &b) { return count(), a.read() <= b.read(); }
	friend bool operator>=(const Number &a, const Number &b) { return count(), a.read() >= b.read(); }
	friend bool operator==(const Number &a, const Number &b) { return count(), a.read() == b.read(); }
	friend Number sqrt(const Number &a) { return count(long_ones<T>), of(std::sqrt(a.read())); }
	friend Number floorf(const Number &a) { return count(), of(std::floor(a.read())); }
	friend Number exp2f(const Number &a) { return count(2), of(std::exp2(a.read())); }
	friend Number log2f(const Number &a) { return count(2), of(std::log2(a.read())); }
};

struct alignas(16) uint4 {
	uint32_t x, y, z, w;
	uint4() = default;
	uint4(const uint4 &o) : x(o.x), y(o.y), z(o.z), w(o.w) { emulate_touch(&o, 16), emulate_touch(this, 16); }
	uint4 &operator=(const uint4 &o) {
		emulate_touch(&o, 16), emulate_touch(this, 16);
		return x = o.x, y = o.y, z = o.z, w = o.w, *this;
	}
};

#define double Number<double>
#define float Number<float>
