#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/markup/markup.hpp"

namespace cambench {

/// A kind of XML document we read, known by its root element.
struct DocumentKind {
    const markup::Element* element = nullptr;
    std::string shipped_in;  ///< where the shipped ones lie, relative to shipped_folder(); folders separated
                             ///< by blanks
    /// Reads and validates one whole; everything wrong with it is appended to the problems.
    Status (*check)(const std::filesystem::path& file, markup::Problems& problems) = nullptr;
};

/// All kinds, in alphabetical order of their root elements.
[[nodiscard]] const std::vector<DocumentKind>& document_kinds();

/// Where files may lie that documents name, beside the folders of the documents and what is shipped. Whoever
/// wrote a document need not be whoever runs it: what it names is copied into evidence and given to cameras.
struct FilePlaces {
    std::vector<std::filesystem::path> allowed;  ///< folders, as --allow names them
    std::vector<std::string> said;               ///< paths that the user said on the command line
};

/// Validates a document of any kind. The Error repeats the first problem.
Status check_document(const std::filesystem::path& file, markup::Problems& problems,
                      const FilePlaces& places = {});

/// Problems for files that a document names and that lie elsewhere, that whoever called us through sudo may
/// not read, or that are not there, wherever `problems` say nothing of that line yet. Not for evidence, which
/// does not hold them, and not for bench files, which are the bench's own. `overrides`: of a scenario's
/// parameters.
void judge_files(const std::filesystem::path& file, markup::Problems& problems,
                 const markup::Parameters& overrides = {}, const FilePlaces& places = {});

/// The document of a kind ("scenario", "suite", "declaration", "persona", ...) that a user or an attribute
/// means by a name: of those shipped. The error says which is near.
[[nodiscard]] Result<std::filesystem::path> shipped_document(const std::string& name,
                                                             const std::string& root);

/// The document that an attribute names: a file, relative to the document it stands in, or a name: of one
/// beside it, else of a shipped one.
[[nodiscard]] Result<std::filesystem::path> document_named(const markup::Node& node,
                                                           std::string_view attribute,
                                                           const std::string& root);

/// Whether a word on the command line or in an attribute is a file's path and no name.
[[nodiscard]] bool looks_like_a_path(std::string_view text);

/// The schema of all kinds; scenarios/scenario.xsd holds it.
[[nodiscard]] std::string documents_xsd();

/// The shipped documents of a kind ("scenario", "persona", ...), in alphabetical order of their paths.
[[nodiscard]] std::vector<std::filesystem::path> shipped_documents(const std::string& root);

}  // namespace cambench
