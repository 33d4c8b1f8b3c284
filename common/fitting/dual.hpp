#pragma once
// Forward differentiation by dual numbers: v + sum_j d_j e_j with e_i e_j = 0 carries N directional
// derivatives through a formula, exact to rounding.

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

namespace moe {

template<std::size_t N>
struct Dual {
    double value = 0.0;
    std::array<double, N> slope{};

    Dual() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): a constant is a dual number
    Dual(double constant)
        : value(constant) {}

    Dual& operator+=(const Dual& b) noexcept {
        value += b.value;
        for (std::size_t j = 0; j < N; ++j)
            slope[j] += b.slope[j];
        return *this;
    }
    Dual& operator-=(const Dual& b) noexcept {
        value -= b.value;
        for (std::size_t j = 0; j < N; ++j)
            slope[j] -= b.slope[j];
        return *this;
    }
    Dual& operator*=(const Dual& b) noexcept {
        for (std::size_t j = 0; j < N; ++j)
            slope[j] = slope[j] * b.value + value * b.slope[j];
        value *= b.value;
        return *this;
    }
    Dual& operator*=(double factor) noexcept {
        value *= factor;
        for (std::size_t j = 0; j < N; ++j)
            slope[j] *= factor;
        return *this;
    }
    Dual& operator/=(const Dual& b) noexcept {
        value /= b.value;
        for (std::size_t j = 0; j < N; ++j)
            slope[j] = (slope[j] - value * b.slope[j]) / b.value;
        return *this;
    }

    friend Dual operator+(Dual a, const Dual& b) noexcept { return a += b; }
    friend Dual operator-(Dual a, const Dual& b) noexcept { return a -= b; }
    friend Dual operator*(Dual a, const Dual& b) noexcept { return a *= b; }
    friend Dual operator/(Dual a, const Dual& b) noexcept { return a /= b; }
    friend Dual operator+(Dual a, double b) noexcept {
        a.value += b;
        return a;
    }
    friend Dual operator-(Dual a, double b) noexcept {
        a.value -= b;
        return a;
    }
    friend Dual operator*(Dual a, double b) noexcept { return a *= b; }
    friend Dual operator*(double a, Dual b) noexcept { return b *= a; }
    friend Dual operator-(Dual a) noexcept { return a *= -1.0; }

    friend Dual exp(const Dual& a) noexcept {
        return chain(a, std::exp(a.value), std::exp(a.value));
    }
    friend Dual log(const Dual& a) noexcept { return chain(a, std::log(a.value), 1.0 / a.value); }

  private:
    static Dual chain(Dual a, double result, double derivative) noexcept {
        a *= derivative;
        a.value = result;
        return a;
    }
};

/// The part of a scalar that comparisons may look at.
inline double real_part(double a) noexcept {
    return a;
}
inline double real_part(const std::complex<double>& a) noexcept {
    return a.real();
}
template<std::size_t N>
double real_part(const Dual<N>& a) noexcept {
    return a.value;
}

/// Value of f at theta and, in `gradient`, its derivatives: f is called with vectors of dual
/// numbers, `width` directions at a time.
template<class Function>
double differentiate(const Function& f, const Eigen::VectorXd& theta, Eigen::VectorXd& gradient) {
    constexpr std::size_t width = 8;
    const auto size = static_cast<std::size_t>(theta.size());
    std::vector<Dual<width>> point(theta.data(), theta.data() + theta.size());
    gradient.resize(theta.size());
    double value = 0.0;
    for (std::size_t first = 0; first < size; first += width) {
        const std::size_t count = std::min(width, size - first);
        for (std::size_t j = 0; j < count; ++j)
            point[first + j].slope[j] = 1.0;
        const Dual<width> result = f(point);
        value = result.value;
        for (std::size_t j = 0; j < count; ++j) {
            gradient[static_cast<Eigen::Index>(first + j)] = result.slope[j];
            point[first + j].slope[j] = 0.0;
        }
    }
    return value;
}

} // namespace moe
