/// All orders of some elements.
func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    if elements.count <= 1 { return [elements] }
    return elements.indices.flatMap { i in
        var rest = elements
        let first = rest.remove(at: i)
        return permutations(rest).map { [first] + $0 }
    }
}
