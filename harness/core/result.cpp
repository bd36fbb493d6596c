#include "harness/core/result.hpp"

#include <cstring>

namespace cambench {

std::string_view to_string(Fault fault) {
    switch (fault) {
        case Fault::usage:
            return "usage";
        case Fault::bench:
            return "bench";
        case Fault::dut:
            return "dut";
        case Fault::timeout:
            return "timeout";
        case Fault::cancelled:
            return "cancelled";
    }
    return "bench";
}

Error Error::in(std::string_view what) && { return {fault, std::string(what) + ": " + message}; }

Error bench_error(std::string message) { return {Fault::bench, std::move(message)}; }
Error usage_error(std::string message) { return {Fault::usage, std::move(message)}; }
Error dut_error(std::string message) { return {Fault::dut, std::move(message)}; }
Error timeout_error(std::string message) { return {Fault::timeout, std::move(message)}; }
Error cancelled_error(std::string message) { return {Fault::cancelled, std::move(message)}; }

Error system_error(std::string_view what, int error_number) {
    return bench_error(std::string(what) + ": " + std::strerror(error_number));
}

}  // namespace cambench
