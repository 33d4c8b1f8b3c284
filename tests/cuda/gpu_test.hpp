#pragma once
// The frame of the plain programs that test the device: Boost.Test and Eigen stay out of device
// code. Exit code 0: all is well, 1: not, 77: no usable GPU (CTest shows the test as skipped).

#include "forward/cuda/device.hpp"

#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace moe::test {

inline constexpr int skipped = 77;

/// Counts what went wrong and prints it.
class GpuTest {
  public:
    void check(bool good, const std::string& what) {
        ++checks_;
        if (good) return;
        ++failures_;
        std::fprintf(stderr, "FAILED in %s: %s\n", section_.c_str(), what.c_str());
    }
    /// `call` throws an Error whose message holds `part`.
    template<class Error>
    void refuses(const std::function<void()>& call, const std::string& part) {
        try {
            call();
            check(false, "no exception, expected one with '" + part + "'");
        } catch (const Error& error) {
            check(std::string(error.what()).find(part) != std::string::npos,
                  "'" + part + "' is not in: " + error.what());
        }
    }
    void section(const std::string& name, const std::function<void()>& body) {
        section_ = name;
        try {
            body();
        } catch (const std::exception& error) {
            check(false, error.what());
        }
    }
    [[nodiscard]] int status() const {
        std::printf("%zu checks, %zu failures\n", checks_, failures_);
        return failures_ == 0 && checks_ > 0 ? 0 : 1;
    }

  private:
    std::string section_;
    std::size_t checks_ = 0;
    std::size_t failures_ = 0;
};

/// Runs the tests, or says why there is nothing to run them on.
inline int run_on_gpu(const std::function<void(GpuTest&)>& tests) {
    const cuda::Device device = cuda::find_device();
    if (!device.usable) {
        std::printf("no usable GPU: %s\n", device.reason.c_str());
        return skipped;
    }
    std::printf("%s\n", device.text().c_str());
    GpuTest test;
    tests(test);
    return test.status();
}

} // namespace moe::test
