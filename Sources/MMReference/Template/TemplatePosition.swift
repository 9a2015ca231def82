/// A place in a template's source, both counted from 1; columns count scalars.
package struct TemplatePosition: Sendable, Hashable {
    package var line = 1
    package var column = 1
}
