#include "engine/live/toml_reader.h"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <toml++/toml.h>

namespace lightcone::live {

namespace {

constexpr std::size_t mostFileBytes = std::size_t{1} << 20;

std::string_view nameOf(const toml::node& node)
{
    switch (node.type()) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::string:
        return "a text";
    case toml::node_type::integer:
    case toml::node_type::floating_point:
        return "a number";
    case toml::node_type::boolean:
        return "true or false";
    default:
        return "a date";
    }
}

template <class T>
Placed<T> placed(const toml::node& node, T value)
{
    const auto& begin = node.source().begin;
    return {std::move(value), begin.line, begin.column};
}

} // namespace

struct TomlFile::Inside
{
    std::string path;
    toml::table root;
};

struct TomlTable::Inside
{
    std::shared_ptr<const TomlFile::Inside> file;
    const toml::table* table = nullptr; ///< none: it is not there
    std::string name; ///< as the file writes it, for errors: "[parameters]"
    std::vector<std::string> asked;

    const toml::node* find(std::string_view key)
    {
        asked.emplace_back(key);
        return table == nullptr ? nullptr : table->get(key);
    }
};

Result<TomlFile> TomlFile::read(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        auto error = fail("cannot read the file");
        error.file = path;
        return error;
    }
    std::string text(mostFileBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > mostFileBytes) {
        auto error = fail("expected a file of at most 1 MiB");
        error.file = path;
        return error;
    }
    return parse(text, path);
}

Result<TomlFile> TomlFile::parse(std::string_view text, const std::string& path)
{
    auto inside = std::make_shared<Inside>();
    inside->path = path;
    try {
        inside->root = toml::parse(text, std::string_view(path));
    } catch (const toml::parse_error& wrong) {
        auto message = std::string(wrong.description());
        auto error =
            fail(std::move(message), wrong.source().begin.line, wrong.source().begin.column);
        error.file = path;
        return error;
    }
    TomlFile file;
    file.m_inside = std::move(inside);
    return file;
}

TomlTable TomlFile::root() const
{
    TomlTable table;
    table.m_inside = std::make_shared<TomlTable::Inside>();
    table.m_inside->file = m_inside;
    table.m_inside->table = &m_inside->root;
    return table;
}

std::string TomlFile::pathOf(const std::string& relative) const
{
    const std::filesystem::path given(relative);
    if (relative.empty() || given.is_absolute()) {
        return relative;
    }
    return (std::filesystem::path(m_inside->path).parent_path() / given).string();
}

Error TomlTable::errorAt(std::size_t line, std::size_t column, std::string message) const
{
    auto error = fail(std::move(message), line, column);
    error.file = m_inside->file->path;
    return error;
}

Error TomlTable::wrong(std::string message) const
{
    if (m_inside->table == nullptr) {
        return errorAt(0, 0, std::move(message));
    }
    const auto& begin = m_inside->table->source().begin;
    return errorAt(begin.line, begin.column, std::move(message));
}

Result<std::optional<Placed<std::string>>> TomlTable::text(std::string_view key)
{
    const auto* node = m_inside->find(key);
    if (node == nullptr) {
        return std::optional<Placed<std::string>>();
    }
    const auto* value = node->as_string();
    if (value == nullptr) {
        return wrong(
            placed(*node, 0),
            fmt::format("expected a text in quotes for '{}', found {}", key, nameOf(*node)));
    }
    return std::optional(placed(*node, value->get()));
}

Result<std::optional<Placed<bool>>> TomlTable::flag(std::string_view key)
{
    const auto* node = m_inside->find(key);
    if (node == nullptr) {
        return std::optional<Placed<bool>>();
    }
    const auto* value = node->as_boolean();
    if (value == nullptr) {
        return wrong(placed(*node, 0),
                     fmt::format("expected true or false for '{}', found {}", key, nameOf(*node)));
    }
    return std::optional(placed(*node, value->get()));
}

Result<std::optional<Placed<std::string>>> TomlTable::word(std::string_view key)
{
    const auto* node = m_inside->find(key);
    if (node == nullptr) {
        return std::optional<Placed<std::string>>();
    }
    if (const auto* value = node->as_string()) {
        return std::optional(placed(*node, value->get()));
    }
    if (const auto* value = node->as_integer()) {
        return std::optional(placed(*node, std::to_string(value->get())));
    }
    if (const auto* value = node->as_floating_point()) {
        return std::optional(placed(*node, fmt::format("{}", value->get())));
    }
    if (const auto* value = node->as_boolean()) {
        return std::optional(placed(*node, std::string(value->get() ? "true" : "false")));
    }
    return wrong(placed(*node, 0),
                 fmt::format("expected a single value for '{}', found {}", key, nameOf(*node)));
}

Result<TomlTable> TomlTable::table(std::string_view key)
{
    const auto* node = m_inside->find(key);
    TomlTable out;
    out.m_inside = std::make_shared<Inside>();
    out.m_inside->file = m_inside->file;
    out.m_inside->name = fmt::format("[{}]", key);
    if (node == nullptr) {
        return out;
    }
    out.m_inside->table = node->as_table();
    if (out.m_inside->table == nullptr) {
        return wrong(placed(*node, 0),
                     fmt::format("expected a table [{}], found {}", key, nameOf(*node)));
    }
    return out;
}

Result<std::vector<TomlTable>> TomlTable::tables(std::string_view key)
{
    const auto* node = m_inside->find(key);
    std::vector<TomlTable> out;
    if (node == nullptr) {
        return out;
    }
    const auto* list = node->as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
        return wrong(placed(*node, 0),
                     fmt::format("expected tables [[{}]], found {}", key,
                                 list == nullptr ? nameOf(*node) : "something else"));
    }
    for (const auto& each : *list) {
        TomlTable table;
        table.m_inside = std::make_shared<Inside>();
        table.m_inside->file = m_inside->file;
        table.m_inside->name = fmt::format("[[{}]]", key);
        table.m_inside->table = each.as_table();
        out.push_back(std::move(table));
    }
    return out;
}

std::vector<std::string> TomlTable::keys() const
{
    std::vector<std::string> out;
    if (m_inside->table != nullptr) {
        for (const auto& [key, node] : *m_inside->table) {
            out.emplace_back(key.str());
        }
    }
    return out;
}

Result<void> TomlTable::finish() const
{
    if (m_inside->table == nullptr) {
        return {};
    }
    for (const auto& [key, node] : *m_inside->table) {
        const auto& asked = m_inside->asked;
        if (std::find(asked.begin(), asked.end(), key.str()) != asked.end()) {
            continue;
        }
        std::string known;
        for (const auto& each : asked) {
            known += (known.empty() ? "" : ", ") + each;
        }
        const auto& begin = key.source().begin;
        return errorAt(begin.line, begin.column,
                       fmt::format("'{}' is no key {}: expected one of {}", key.str(),
                                   m_inside->name.empty() ? "of this file" : "of " + m_inside->name,
                                   known));
    }
    return {};
}

} // namespace lightcone::live
