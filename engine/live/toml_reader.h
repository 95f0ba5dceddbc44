#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// TOML as this house reads it: every key is asked for by name, what nobody asked for is a
/// mistake, and every mistake has file, line and column.
namespace lightcone::live {

class TomlTable;

/// A value of the file and where it stands.
template <class T>
struct Placed
{
    T value{};
    std::size_t line = 0;
    std::size_t column = 0;
};

class TomlFile
{
public:
    static Result<TomlFile> read(const std::string& path);
    static Result<TomlFile> parse(std::string_view text, const std::string& path);

    [[nodiscard]] TomlTable root() const;

    /// A path in the file is meant from the folder in which the file is.
    [[nodiscard]] std::string pathOf(const std::string& relative) const;

private:
    friend class TomlTable;
    struct Inside;
    std::shared_ptr<const Inside> m_inside;
};

/// One table of a file. After the last question, finish() says what nobody asked for.
class TomlTable
{
public:
    Result<std::optional<Placed<std::string>>> text(std::string_view key);
    Result<std::optional<Placed<bool>>> flag(std::string_view key);

    /// Any single value, as a person would write it outside TOML: 3, 0.5, true or a text.
    Result<std::optional<Placed<std::string>>> word(std::string_view key);

    /// [key]; a table without keys where there is none.
    Result<TomlTable> table(std::string_view key);

    /// [[key]]
    Result<std::vector<TomlTable>> tables(std::string_view key);

    /// All keys, for tables whose keys are data.
    [[nodiscard]] std::vector<std::string> keys() const;

    /// Fails on the first key that nobody has asked for.
    [[nodiscard]] Result<void> finish() const;

    /// An error at a value, or, without one, at the table.
    template <class T>
    [[nodiscard]] Error wrong(const Placed<T>& at, std::string message) const
    {
        return errorAt(at.line, at.column, std::move(message));
    }
    [[nodiscard]] Error wrong(std::string message) const;

private:
    friend class TomlFile;
    struct Inside;

    [[nodiscard]] Error errorAt(std::size_t line, std::size_t column, std::string message) const;

    std::shared_ptr<Inside> m_inside;
};

} // namespace lightcone::live
