package posthorn.standin;

import de.bwaldvogel.mongo.bson.Document;

/** What a query says about the order of its results, as far as an index can provide it. */
final class Order {
    private Order() {}

    /** Whether exactly this one field decides the order. */
    static boolean isBy(String field, Document orderBy) {
        return orderBy != null && orderBy.size() == 1 && orderBy.containsKey(field);
    }

    /** Of an order by one field. */
    static boolean isDescending(Document orderBy) {
        return orderBy != null
            && orderBy.size() == 1
            && orderBy.values().iterator().next() instanceof Number
            && ((Number) orderBy.values().iterator().next()).intValue() < 0;
    }
}
