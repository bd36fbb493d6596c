#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/markup.hpp"

namespace cambench {

/// A kind of XML document we read, known by its root element.
struct DocumentKind {
    const markup::Element* element = nullptr;
    std::string shipped_in;  ///< where the shipped ones lie, relative to shipped_folder(); folders separated by blanks
    /// Reads and validates one whole; everything wrong with it is appended to the problems.
    Status (*check)(const std::filesystem::path& file, markup::Problems& problems) = nullptr;
};

/// All kinds, in alphabetical order of their root elements.
[[nodiscard]] const std::vector<DocumentKind>& document_kinds();

/// Validates a document of any kind. The Error repeats the first problem.
Status check_document(const std::filesystem::path& file, markup::Problems& problems);

/// The schema of all kinds; scenarios/scenario.xsd holds it.
[[nodiscard]] std::string documents_xsd();

/// The shipped documents of a kind ("scenario", "persona", ...), in alphabetical order of their paths.
[[nodiscard]] std::vector<std::filesystem::path> shipped_documents(const std::string& root);

}  // namespace cambench
