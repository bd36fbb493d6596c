#pragma once

namespace cambench::cli {

/// Whether a result is for people or for programs (`--json`).
enum class OutputFormat { text, json };

}  // namespace cambench::cli
