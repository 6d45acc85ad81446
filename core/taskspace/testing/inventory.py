"""The names of the checks of every kind: a check that disappears from the code is missed here."""

from __future__ import annotations

from taskspace.components import KINDS

_COMMON = (
    "docstring_says_what_it_is",
    "name_is_a_word",
    "fields_are_described",
    "fields_are_not_reserved",
    "fields_hide_no_method",
    "parameters_are_valid",
    "parameters_are_frozen_and_closed",
    "schema_round_trip",
    "identity_is_stable",
    "describes_in_a_bare_child",
    "activates_in_a_spawned_process",
)

NETWORK = (
    "network_gives_declared_shape",
    "network_follows_the_seed_alone",
    "network_is_fresh",
    "network_judges_each_image_alone",
    "network_gradients_are_finite",
    "network_keeps_its_input",
    "network_runs_on_gpu",
)

DECLARATIONS = frozenset(
    {
        *_COMMON,
        "facts_are_declared",
        "some_dataset_has_its_fields",
        "missing_is_said_in_words",
        "job_model_extends_the_job",
        "job_fields_are_described",
        "stage_names_are_distinct",
    }
)
"""Checks of what a component says of itself: all others call what it is for."""

_OWN: dict[str, tuple[str, ...]] = {
    "dataset": (
        "image_is_declared",
        "fingerprint_is_stable",
        "reads_what_it_declares",
        "reads_only_the_fields_asked",
        "reads_in_the_order_asked",
        "reads_share_nothing",
        "groups_cover_every_sample",
        "parts_cover_every_sample",
        "task_fields_hold_classes",
        "numbers_agree_with_their_classes",
        "word_fields_hold_classes",
        "compositions_are_of_its_classes",
        "findings_are_findings",
        "sentences_are_plain_words",
    ),
    "task": (
        "facts_are_declared",
        "some_dataset_has_its_fields",
        "head_is_declared",
        "example_has_declared_shapes",
        "example_keeps_a_plain_input",
        "example_follows_its_generator_alone",
        "example_reads_only_what_it_needs",
        "example_keeps_the_sample",
        "loss_is_one_value_per_image",
        "loss_judges_each_image_alone",
        "loss_is_differentiable",
        "loss_masks_missing_labels",
        "loss_keeps_its_arguments",
        "measure_is_one_value_per_image",
        "measures_all_images_at_once",
        "loss_runs_on_gpu",
        "shows_targets_and_predictions",
    ),
    "encoder": ("code_shape_is_declared", *NETWORK, "stages_are_the_network"),
    "readout": NETWORK,
    "gating": (
        # Of a network that draws, a single step need not reach every weight.
        *(name for name in NETWORK if name != "network_gradients_are_finite"),
        "answers_what_is_asked",
        "answer_is_the_same_whatever_else_is_asked",
        "experts_are_declared",
        "only_chosen_experts_run",
        "export_gives_the_same",
        "draws_follow_the_generator_alone",
        "every_weight_learns",
        "extra_loss_is_a_number",
        "training_goes_on_from_the_state",
    ),
    "weighting": (
        "missing_is_said_in_words",
        "weights_fit_the_tasks",
        "learns_by_itself",
        "absent_losses_do_not_count",
        "absent_tasks_keep_their_state",
        "weighing_keeps_its_arguments",
        "draws_follow_the_generator_alone",
        "training_goes_on_from_the_state",
        "weights_run_on_gpu",
    ),
    "generator": (
        "noise_shape_is_declared",
        *NETWORK,
        "draws_nothing_itself",
        "every_level_of_noise_is_used",
        "task_is_used",
        "last_noise_is_one_row_per_task",
    ),
    "classifier": (
        *NETWORK,
        "network_keeps_its_descriptions",
        "scores_depend_on_no_other_description",
        "words_and_features_are_used",
        "loss_is_one_value_per_image",
        "loss_judges_each_image_alone",
        "loss_is_differentiable",
        "loss_keeps_its_arguments",
        "loss_runs_on_gpu",
    ),
    "lexicon": (
        "vectors_fit_the_names",
        "vectors_are_the_same_twice",
        "vectors_follow_the_order_of_names",
        "several_words_have_their_mean",
        "unknown_words_are_all_listed",
    ),
    "score": (
        "what_it_reads_is_declared",
        "score_is_a_finite_number",
        "score_follows_the_seed_alone",
        "score_keeps_its_arguments",
        "order_of_images_does_not_count",
        "numbers_of_classes_do_not_count",
        "score_grows_with_separation",
        "what_cannot_be_scored_is_said",
    ),
    "embedding": (
        "vector_is_finite",
        "draws_follow_the_generator_alone",
        "network_is_left_as_it_was",
        "task_is_left_as_it_was",
        "labels_are_read_as_declared",
        "unusable_tasks_are_refused",
        "distances_fit_the_tasks",
        "distances_are_of_pairs",
        "difficulty_is_a_number",
        "embedding_runs_on_gpu",
    ),
    "solver": (
        "missing_is_said_in_words",
        "optimum_matches_enumeration",
        "mixed_program_is_solved",
        "infeasible_is_said",
        "limit_is_not_infeasible",
        "bound_is_proven",
        "model_can_be_solved_again",
    ),
    "executor": (
        "every_cell_is_reported_once",
        "failure_stays_with_its_cell",
        "dying_worker_loses_only_its_cells",
        "close_at_once_lets_cells_clean_up",
        "close_at_once_returns",
        "close_twice_is_harmless",
        "waiting_for_nothing_returns",
    ),
    "study": (
        "job_model_extends_the_job",
        "job_fields_are_described",
        "stage_names_are_distinct",
        "first_stage_is_planned",
    ),
}
"""Beside the checks of every component."""

INVENTORY: dict[str, tuple[str, ...]] = {kind: (*_COMMON, *_OWN.get(kind, ())) for kind in KINDS}
"""Check names by kind, in the order in which they run."""
