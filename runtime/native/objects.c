#include "objects.h"

PyObject *statuses(const struct findings *f)
{
    PyObject *list = PyList_New(0);
    for (size_t c = 0; list && c < f->program->n_checks; c++) {
        PyObject *status = Py_BuildValue("Li", (long long)f->status[c].depth,
                                         (int)f->status[c].covered);
        if (!status || PyList_Append(list, status) < 0)
            Py_CLEAR(list);
        Py_XDECREF(status);
    }
    return list;
}

PyObject *trace_object(const struct program *program, const struct trace *trace)
{
    PyObject *rules = PyList_New(0), *states = PyList_New(0);
    bool ok = rules && states;
    for (uint64_t i = 0; ok && i < trace->length; i++) {
        PyObject *rule = PyLong_FromUnsignedLong(trace->rules[i]);
        ok = rule && PyList_Append(rules, rule) == 0;
        Py_XDECREF(rule);
    }
    for (uint64_t i = 0; ok && i <= trace->length; i++) {
        PyObject *state = PyTuple_New(program->words);
        ok = state != NULL;
        for (uint32_t w = 0; ok && w < program->words; w++) {
            PyObject *word = PyLong_FromUnsignedLongLong(trace->states[i * program->words + w]);
            ok = word && PyTuple_SetItem(state, w, word) == 0;
        }
        ok = ok && PyList_Append(states, state) == 0;
        Py_XDECREF(state);
    }
    if (!ok) {
        Py_XDECREF(rules);
        Py_XDECREF(states);
        return NULL;
    }
    return Py_BuildValue("NNKK", rules, states, (unsigned long long)trace->delayed,
                         (unsigned long long)trace->switches);
}

PyObject *finals_list(const struct search *s)
{
    PyObject *list = PyList_New(0);
    bool ok = list != NULL;
    for (unsigned j = 0; ok && j < s->made; j++) {
        const struct finals *f = &s->workers[j].finals;
        for (size_t i = 0; ok && i < f->size; i++) {
            const uint64_t *slot = f->slots + i * ((size_t)f->words + 1);
            if (!slot[0])
                continue;
            PyObject *state = PyTuple_New(f->words);
            ok = state != NULL;
            for (uint32_t w = 0; ok && w < f->words; w++) {
                PyObject *word = PyLong_FromUnsignedLongLong(slot[1 + w]);
                ok = word && PyTuple_SetItem(state, w, word) == 0;
            }
            ok = ok && PyList_Append(list, state) == 0;
            Py_XDECREF(state);
        }
    }
    if (!ok)
        Py_CLEAR(list);
    return list;
}

PyObject *views_object(const struct views *v, bool wanted)
{
    PyObject *found[3];
    const struct numbered *kept[3] = {&v->shared, &v->rows, &v->edges};
    for (int i = 0; i < 3; i++)
        found[i] = wanted ? PyBytes_FromStringAndSize((const char *)kept[i]->keys,
                                                      (Py_ssize_t)(kept[i]->n * kept[i]->words
                                                                   * sizeof *kept[i]->keys))
                          : Py_NewRef(Py_None);
    return Py_BuildValue("KKKy#NNN", (unsigned long long)v->edges.n,
                         (unsigned long long)v->configurations, (unsigned long long)v->steps,
                         (const char *)v->broken, (Py_ssize_t)v->program->n_checks, found[0],
                         found[1], found[2]);
}
