// What an engine in foreign hands asks its launcher for.
#include <cstdlib>

#include "harness/core/launch/launcher_order.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cambench;
    launcher::Permits permits;
    if (!permits.add_command("rack 1 on") || !permits.add_interface("cam0")) std::abort();
    permits.seal();
    const auto words = launcher::words_of({reinterpret_cast<const char*>(data), size});
    if (!words) return 0;
    if (words->empty() || launcher::to_text(*words).size() != size) std::abort();
    const auto order = launcher::order_of(*words);
    if (!order || !permits.judge(*order, size % 6)) return 0;
    if (order->program == "sh" && order->arguments != std::vector<std::string>{"-c", "rack 1 on"})
        std::abort();
    if (order->program == "cambench-sandbox" && !order->arguments.empty() && order->arguments[0] != "cam0")
        std::abort();
    const bool enters = order->program != "sh" && order->program != "cambench-sandbox";
    if (enters != (order->sandbox > 0)) std::abort();
    return 0;
}
