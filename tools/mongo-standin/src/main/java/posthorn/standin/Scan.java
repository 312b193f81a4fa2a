package posthorn.standin;

/** A part of an index that holds every document that a query can match. */
final class Scan {
    private final int equalFields;
    private final boolean ranged;
    private final boolean inOrder;
    private final Iterable<Object> positions;

    /**
     * @param equalFields how many fields are pinned to one value
     * @param ranged whether the field after them is bounded
     * @param inOrder whether the positions come in the order that the query asks for
     */
    Scan(int equalFields, boolean ranged, boolean inOrder, Iterable<Object> positions) {
        this.equalFields = equalFields;
        this.ranged = ranged;
        this.inOrder = inOrder;
        this.positions = positions;
    }

    boolean isInOrder() {
        return inOrder;
    }

    Iterable<Object> positions() {
        return positions;
    }

    boolean isBetterThan(Scan other) {
        return other == null || score() > other.score();
    }

    private int score() {
        return 4 * equalFields + (ranged ? 2 : 0) + (inOrder ? 1 : 0);
    }
}
