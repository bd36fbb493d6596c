#include "harness/cli/command_line.hpp"

int main(int count, char** arguments) { return cambench::cli::run_command_line(count, arguments); }
